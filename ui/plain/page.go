package plain

import (
	tea "charm.land/bubbletea/v2"

	"idtop/model"
)

// Width and Height are the size that the model is told: list and detail beside each other,
// and about ten lines of each page in sight.
const (
	Width  = 140
	Height = 15
)

// opening is how many lines of a list are said when its page opens.
const opening = 10

// View implements model.Renderer. Nothing is drawn.
func (Renderer) View(m *model.Model) (tea.View, model.Extent) {
	shown := model.Extent{Plan: opening, Detail: len(detailLines(m))}
	if o := m.Overlay(); o != nil {
		shown.Overlay = overlayPage(m, o).total
	}
	if h, ok := m.Modal.(*model.Help); ok {
		for i := 0; i < len(h.Entries); i += opening {
			shown.Help = append(shown.Help, i)
		}
	}
	return tea.View{}, shown
}

// pageOf is the page that has the keys.
func pageOf(m *model.Model) page {
	switch modal := m.Modal.(type) {
	case *model.Dialog:
		return dialogPage(m, modal)
	case *model.PlanScreen:
		return planPage(m, modal)
	case *model.Form:
		return formPage(m, modal)
	case *model.Palette:
		return palettePage(m, modal)
	case *model.Help:
		return helpPage(m, modal)
	case *model.ColumnsBox:
		return columnsPage(m, modal)
	case *model.RevealLine:
		return revealPage(m)
	case *model.ViewLine:
		return viewLinePage(m, modal)
	case model.SearchLine:
		return searchPage(m)
	}
	switch o := m.Overlay(); {
	case o != nil:
		return overlayPage(m, o)
	case m.PersonShown():
		return personPage(m)
	case m.Focus == model.DetailPane:
		return detailPage(m)
	}
	return listPage(m)
}

func overlayPage(m *model.Model, o *model.Overlay) page {
	switch o.Kind {
	case model.JobsOverlay:
		return jobsPage(m, o)
	case model.InsightsOverlay:
		return insightsPage(m)
	case model.TimelineOverlay:
		return timelinePage(m, o)
	case model.ViewsOverlay:
		return viewsPage(m)
	case model.PeopleOverlay:
		return peoplePage(m)
	}
	return messagesPage(m, o)
}
